"""What the package offers, written from the package itself: its names on the API pages, its commands on a page."""
