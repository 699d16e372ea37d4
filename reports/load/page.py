def write_load(result, path):
    path.write_text("x")
