"""Files that tf2onnx makes.

    python sim/proof/exporters/tensorflows.py DIR [COUNT] [FILE.tflite ...]

Small Keras networks, quantized to 8 bits by TFLite's converter, and the .tflite files given, each
through tf2onnx. Runs where tensorflow and tf2onnx are installed. Each file has its samples beside
it.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""


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
    """Through tf2onnx's command; its complaint if there is one."""
    run = subprocess.run([sys.executable, "-m", "tf2onnx.convert", "--tflite", network, "--output",
                          path, "--opset", "13"], capture_output=True, text=True)
    return "" if path.exists() else (run.stderr.strip().splitlines() or ["?"])[-1][:200]


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 12
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "network.tflite"
    for seed in range(count):
        data, x = tflite(seed)
        made.write_bytes(data)
        path = folder / f"tf2onnx-{seed:03}.onnx"
        if why := convert(made, path):
            print(f"{path.stem}: not exported: {why}")
            continue
        np.savez(path.with_suffix(".npz"), x=x)
    made.unlink(missing_ok=True)
    for given in map(Path, sys.argv[3:]):
        path = folder / f"{given.stem}.onnx"
        if why := convert(given, path):
            print(f"{path.stem}: not exported: {why}")


if __name__ == "__main__":
    main()
