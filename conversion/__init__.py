"""Letters to bundles and back, receipts to acknowledgements and back: values in, values out."""
