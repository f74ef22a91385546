"""Advice for operators that are not supported."""

__all__ = ["advice"]

RECURRENT = "make it of steps, such as with unroll=True in Keras, or end the network before it"
REAL = "its kernel computes in floating point alone: compute it on the host, before or behind"
DETECTION = "end the network before it: the host selects boxes"
FLOW = "make the network of one subgraph, without branches and loops"
BUILT_IN = "convert with TFLITE_BUILTINS_INT8 as the only operators"
BITS = "it makes no codes: compute it on the host"

ADVICE = {
    **dict.fromkeys((
        "LSTM", "RNN", "UNIDIRECTIONAL_SEQUENCE_RNN",
        "BIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_RNN"), RECURRENT),
    **dict.fromkeys((
        "CEIL", "COS", "EXP", "FLOOR", "LOG", "NEG", "POW", "RFFT2D", "ROUND", "SIN", "SQRT",
        "SQUARE", "ATAN2", "GELU", "L2_POOL_2D", "LOCAL_RESPONSE_NORMALIZATION"), REAL),
    **dict.fromkeys(("NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5", "TOPK_V2", "WHERE",
                     "CUSTOM TFLite_Detection_PostProcess"), DETECTION),
    **dict.fromkeys(("CALL", "IF", "WHILE"), FLOW),
    **dict.fromkeys(("EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "LOGICAL_AND",
                     "LOGICAL_NOT", "LOGICAL_OR", "NOT_EQUAL", "ONE_HOT", "SELECT", "SELECT_V2"),
                    BITS),
    "CONV_3D": "convolutions over three dimensions are not supported",
    "CUSTOM ethos-u": "give the file that Vela read, not the one that it wrote",
    "DELEGATE": "give the file without a delegate",
    "DIV": "multiply by a constant instead",
    "EMBEDDING_LOOKUP": "look the rows up on the host",
}


def advice(op: str) -> str:
    """Finds what helps where the operator ``op`` is not supported; empty if nothing is known."""
    if op.startswith("CUSTOM Flex") or op.startswith("STABLEHLO"):
        return BUILT_IN
    return ADVICE.get(op, "")
