#!/usr/bin/env python3
"""What TensorBoard itself reads of a run: scalars, pictures of validation, the configuration as text, hyper-parameters.

    tensorboard_events.py PROGRAM
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

SETTINGS = pathlib.Path(__file__).resolve().parent / "faults" / "tiny.ini"


def check(condition, *what):
    if not condition:
        sys.exit("FAILED: " + " ".join(map(str, what)))


def hparams(events, tag):
    return HParamsPluginData.FromString(events.summary_metadata[tag].plugin_data.content)


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], "train", "--config", SETTINGS, "--stage", "pretrain", "--out", folder, "--set", "augment.flip=true", "--force"], check=True, capture_output=True)
        run = pathlib.Path(folder) / "pretrain"
        events = EventAccumulator(str(run), size_guidance={"images": 0, "tensors": 0})
        events.Reload()
        tags = events.Tags()
        check({"total", "rate", "validation"} <= set(tags["scalars"]), tags["scalars"])
        images = events.Images("validation")
        check(images and images[-1].step == 2, images)
        png = images[-1].encoded_image_string
        check(png.startswith(b"\x89PNG") and int.from_bytes(png[16:20], "big") == images[-1].width, png[:24])
        check(events.summary_metadata["configuration"].plugin_data.plugin_name == "text", "the configuration is no text")
        text = events.Tensors("configuration")[0].tensor_proto.string_val[0].decode()
        check(text.replace("    ", "").strip() == (run / "config.ini").read_text().strip(), text[:400])
        start = hparams(events, "_hparams_/session_start_info").session_start_info
        check(start.hparams["stage"].string_value == "pretrain" and start.hparams["augment.flip"].bool_value, start)
        check(start.hparams["pretrain.batch"].number_value == 1 and "crossdomain.batch" not in start.hparams, start)
        check(hparams(events, "_hparams_/session_end_info").session_end_info.status == 1, "the run has no end")
    print("TensorBoard reads scalars, pictures, text and hyper-parameters")


if __name__ == "__main__":
    main()
