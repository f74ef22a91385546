"""The part of TensorFlow Lite's schema, version 3, that is read: slots of fields, names of
numbers."""

__all__ = ["ACTIVATIONS", "DTYPES", "OPERATORS", "OPTIONS", "TYPES", "VERSION", "Options"]

VERSION = 3


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


OPERATORS = _words("""
ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE
EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D
LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6
RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM
EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND
TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE BIDIRECTIONAL_SEQUENCE_RNN
EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM ARG_MAX
MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV
SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ARG_MIN FAKE_QUANT
REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV
REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU
SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS WHERE RANK ELU
REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE
NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL
PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS
HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE
READ_VARIABLE ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM
MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX
UNSORTED_SEGMENT_SUM ATAN2 UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT
""")
"""Names of the operators by their number; later numbers are StableHLO's operators."""

TYPES = _words("""
FLOAT32 FLOAT16 INT32 UINT8 INT64 STRING BOOL INT16 COMPLEX64 INT8 FLOAT64 COMPLEX128 UINT64
RESOURCE VARIANT UINT32 UINT16 INT4 BFLOAT16
""")
"""Names of elements' types by their number."""

DTYPES = {"FLOAT32": "f4", "FLOAT16": "f2", "INT32": "i4", "UINT8": "u1", "INT64": "i8",
          "BOOL": "?", "INT16": "i2", "INT8": "i1", "FLOAT64": "f8", "UINT64": "u8", "UINT32": "u4",
          "UINT16": "u2"}
"""numpy's types of those whose constants are read; INT4 is unpacked from bytes."""

ACTIVATIONS = ("NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT")
"""Names of fused activations by their number."""

Options = dict[str, tuple[int, str, float]]
"""Slot, kind and default of each field by its name; "[int]" is a vector, "string" a text."""


def _fields(text: str) -> Options:
    """Fields in the order of their slots, each ``name:kind`` or ``name:kind=default``."""
    found: Options = {}
    for slot, field in enumerate(text.split()):
        name, _, rest = field.partition(":")
        kind, _, default = rest.partition("=")
        found[name] = slot, kind, float(default or 0) if kind == "float" else int(default or 0)
    return found


NONE: tuple[int, Options] = 0, {}
POOL = 5, _fields("padding:byte stride_w:int stride_h:int filter_width:int filter_height:int "
                  "activation:byte")
OPTIONS: dict[str, tuple[int, Options]] = {
    "CONV_2D": (1, _fields("padding:byte stride_w:int stride_h:int activation:byte "
                           "dilation_w:int=1 dilation_h:int=1 bias_type:byte")),
    "DEPTHWISE_CONV_2D": (2, _fields("padding:byte stride_w:int stride_h:int multiplier:int "
                                     "activation:byte dilation_w:int=1 dilation_h:int=1")),
    "AVERAGE_POOL_2D": POOL, "MAX_POOL_2D": POOL,
    "FULLY_CONNECTED": (8, _fields("activation:byte weights_format:byte keep_num_dims:bool "
                                   "asymmetric_quantize_inputs:bool bias_type:byte")),
    "SOFTMAX": (9, _fields("beta:float")),
    "SVDF": (6, _fields("rank:int activation:byte asymmetric_quantize_inputs:bool")),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": (71, _fields(
        "activation:byte cell_clip:float proj_clip:float time_major:bool "
        "asymmetric_quantize_inputs:bool diagonal_recurrent_tensors:bool")),
    "LOG_SOFTMAX": (36, {}),
    "RESHAPE": (17, _fields("new_shape:[int]")),
    "DEQUANTIZE": (38, {}), "QUANTIZE": (89, {}),
    "ADD": (11, _fields("activation:byte pot_scale_int16:bool=1")),
    "SUB": (28, _fields("activation:byte pot_scale_int16:bool=1")),
    "MUL": (21, _fields("activation:byte")),
    "SHAPE": (55, _fields("out_type:byte")),
    "CAST": (37, _fields("in_data_type:byte out_data_type:byte")),
    "GATHER": (23, _fields("axis:int batch_dims:int")),
    "PACK": (59, _fields("values_count:int axis:int")),
    "UNPACK": (64, _fields("num:int axis:int")),
    "FILL": (68, {}), "FLOOR_DIV": (65, {}), "FLOOR_MOD": (72, {}),
    "BROADCAST_TO": (104, {}), "TILE": (51, {}), "REVERSE_V2": (81, {}),
    "SPACE_TO_BATCH_ND": (25, {}), "BATCH_TO_SPACE_ND": (24, {}), "ADD_N": (82, {}),
    "ABS": (78, {}), "ELU": NONE, "RSQRT": NONE,
    "L2_NORMALIZATION": (12, _fields("activation:byte")),
    "RESIZE_BILINEAR": (15, {"align_corners": (2, "bool", 0),
                             "half_pixel_centers": (3, "bool", 0)}),
    "SQUARED_DIFFERENCE": (76, {}),
    "BATCH_MATMUL": (101, _fields("adj_x:bool adj_y:bool asymmetric_quantize_inputs:bool")),
    "REDUCE_PROD": (27, _fields("keep_dims:bool")), "REDUCE_MAX": (27, _fields("keep_dims:bool")),
    "REDUCE_MIN": (27, _fields("keep_dims:bool")),
    "MAXIMUM": (39, {}), "MINIMUM": (39, {}), "PRELU": NONE,
    "MEAN": (27, _fields("keep_dims:bool")), "SUM": (27, _fields("keep_dims:bool")),
    "LEAKY_RELU": (75, _fields("alpha:float")), "HARD_SWISH": (91, {}), "TANH": NONE,
    "CONCATENATION": (10, _fields("axis:int activation:byte")),
    "PAD": (22, {}), "PADV2": (43, {}), "MIRROR_PAD": (77, _fields("mode:byte")),
    "SLICE": (48, {}), "SPLIT": (35, _fields("num_splits:int")),
    "SPLIT_V": (79, _fields("num_splits:int")),
    "STRIDED_SLICE": (32, _fields("begin_mask:int end_mask:int ellipsis_mask:int "
                                  "new_axis_mask:int shrink_axis_mask:int offset:bool")),
    "CALL_ONCE": (103, _fields("init_subgraph_index:int")),
    "VAR_HANDLE": (111, _fields("container:string shared_name:string")),
    "READ_VARIABLE": (112, {}), "ASSIGN_VARIABLE": (113, {}),
    "TRANSPOSE": (26, {}), "ARG_MAX": (40, _fields("output_type:byte")),
    "ARG_MIN": (57, _fields("output_type:byte")),
    "RESIZE_NEAREST_NEIGHBOR": (74, _fields("align_corners:bool half_pixel_centers:bool")),
    "SPACE_TO_DEPTH": (19, _fields("block_size:int")),
    "DEPTH_TO_SPACE": (94, _fields("block_size:int")),
    "TRANSPOSE_CONV": (49, _fields("padding:byte stride_w:int stride_h:int activation:byte "
                                   "bias_type:byte")),
    "SQUEEZE": (30, _fields("squeeze_dims:[int]")), "EXPAND_DIMS": (52, {}),
    "RELU": NONE, "RELU6": NONE, "LOGISTIC": NONE,
}
"""Number of the type of options of each operator that is read (0: it has none), and its fields."""
