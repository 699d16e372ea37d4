"""Reports: writers that read a stored run (`run.json`, `history/*.jsonl`) and render it.

`run` reads, `timeline` and `matrix` and `headline` say what it means, and `html`, `junit`, `terminal` and `github` write it.
Nothing here knows how a run is made; `allure` is the one exception in kind: it guards what another reporter writes.
"""
