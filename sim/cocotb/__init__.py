"""Networks under cocotb: an AXI4-Stream master and sink that nobody here wrote."""
