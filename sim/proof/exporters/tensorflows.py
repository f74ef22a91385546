"""Files that tf2onnx makes.

    python sim/proof/exporters/tensorflows.py DIR [COUNT | FILE.tflite ...]

Small Keras networks, quantized to 8 bits by TensorFlow Lite's converter, or the .tflite files
given, each through tf2onnx. Runs where tensorflow and tf2onnx are installed. Each file has its
samples beside it; those of a given file stand in ../data, in an .npz of its name.
"""

import os
import random
import sys
from pathlib import Path

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
LARGE = 1 << 14
"""Elements of a sample, of which one is enough."""


def tflite(seed: int) -> tuple[bytes, np.ndarray]:
    """A network of 8-bit integers and real samples."""
    import tensorflow as tf

    pick, numbers = random.Random(seed).choice, np.random.default_rng(seed)
    tf.keras.utils.set_random_seed(seed)
    layers = tf.keras.layers
    size, channels = pick((4, 6, 7)), pick((1, 3))
    given = tf.keras.Input((size, size, channels), batch_size=1)
    x = layers.Conv2D(4, pick((1, 3)), strides=pick((1, 2)), padding=pick(("same", "valid")),
                      activation=pick((None, "relu", "relu6")))(given)
    if pick((True, False)):
        x = layers.ReLU()(layers.BatchNormalization()(x))
    if pick((True, False)):
        x = layers.DepthwiseConv2D(3, padding="same", activation="relu")(x)
    if pick((True, False)):
        y = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
        x = pick((layers.Add, layers.Concatenate))()([x, y])
    x = pick((layers.MaxPool2D(2, padding="same"), layers.AveragePooling2D(2, padding="same"),
              layers.GlobalAveragePooling2D(), layers.Activation("relu")))(x)
    x = layers.Dense(3, activation=pick((None, "softmax", "tanh")))(
        layers.Flatten()(x) if len(x.shape) > 2 else x)
    network = tf.keras.Model(given, x)
    samples = numbers.normal(size=(24, size, size, channels)).astype(np.float32)
    converter = tf.lite.TFLiteConverter.from_keras_model(network)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([s[None]] for s in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    if pick((True, False)):
        converter.inference_input_type = converter.inference_output_type = tf.int8
        step = abs(samples).max() / 127
        codes = np.clip(np.rint(samples / step), -128, 127).astype(np.int8)
        return converter.convert(), codes[:6]
    return converter.convert(), samples[:6]


def convert(network: Path, path: Path) -> str:
    """Through tf2onnx; its complaint if there is one."""
    import tf2onnx

    try:
        tf2onnx.convert.from_tflite(str(network), opset=13, output_path=str(path))
    except Exception as e:
        path.unlink(missing_ok=True)
        return " ".join(f"{type(e).__name__}: {e}".split())[:200]
    return ""


def samples_of(network: Path) -> np.ndarray:
    """Samples of a given file, each with its batch of one."""
    with np.load(network.parents[1] / f"data/{network.stem}.npz") as arrays:
        x = arrays["x"][:3]
    return x[:1 if x[0].size > LARGE else None, 0]


def main() -> None:
    folder, given = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    if given and not given[0].isdigit():
        made = ((path.stem, path, samples_of(path)) for path in map(Path, given))
    else:
        made = keras(folder / "network.tflite", int(given[0]) if given else 24)
    for name, network, x in made:
        path = folder / f"{name}.onnx"
        if why := convert(network, path):
            print(f"{name}: not exported: {why}", flush=True)
            continue
        np.savez(path.with_suffix(".npz"), x=x)


def keras(path: Path, count: int):
    """The names, files and samples of small networks; all files are ``path``."""
    for seed in range(count):
        data, x = tflite(seed)
        path.write_bytes(data)
        yield f"keras-{seed:03}", path, x


if __name__ == "__main__":
    main()
