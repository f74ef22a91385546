"""LambdaConcept ECPIX-5 with an LFE5UM5G-85F."""

from qhw.flow.boards import Board
from qhw.flow.targets import target

BOARD = Board("ecpix-5", target("ecp5-85k"), 100, "LambdaConcept ECPIX-5 with an LFE5UM5G-85F")
