// Brings plotly, which is larger than all else of a page, when a figure that needs it comes near the window.
(() => {
  const here = document.currentScript.src;
  let coming;
  const bring = () =>
    (coming ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = new URL("plotly.min.js", here);
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    }));
  const near = new Map();
  const watch = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      watch.unobserve(target);
      Promise.resolve(window.MathJax?.startup?.promise).then(bring).then(near.get(target));
    }
  }, { rootMargin: "600px" });
  window.plotlyNear = (box, draw) => {
    near.set(box, draw);
    watch.observe(box);
  };
  // A figure that plotly wrote itself carries its own script, which the build has made wait for this.
  const drawn = (box) => {
    for (const waiting of box.querySelectorAll("script[type='text/plotly']")) {
      const script = document.createElement("script");
      script.textContent = waiting.textContent;
      waiting.replaceWith(script);
    }
  };
  addEventListener("load", () => {
    for (const box of document.querySelectorAll(".interactive-figure:has(script[type='text/plotly'])")) {
      window.plotlyNear(box, () => drawn(box));
    }
  });
})();
