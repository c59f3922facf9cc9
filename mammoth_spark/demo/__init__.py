"""A small synthetic web with its truth: real WARC files to run, test and measure the pipeline on."""
