# The public names of the room and where they live, read by lazy_loader, by type checkers and by editors.
from .models.attention import Captured as Captured
from .models.attention import Layer as Layer
from .models.attention import capture as capture
from .models.openelm import OpenElmForCausalLM as OpenElmForCausalLM
from .models.openelm_config import OpenElmConfig as OpenElmConfig
from .models.pretrained import LanguageModel as LanguageModel
from .models.pretrained import ModelUnavailableError as ModelUnavailableError
from .models.pretrained import load_causal_lm as load_causal_lm
from .models.small_lm import SIZES as SIZES
from .models.small_lm import SmallLM as SmallLM
from .models.small_lm import train_small_lm as train_small_lm
from .text.docstring_corpus import Corpus as Corpus
from .text.docstring_corpus import offline_corpus as offline_corpus
from .training.train import Trained as Trained
from .training.train import Training as Training
from .training.train import train as train
