"""Reports: writers that read a stored run (`run.json`, `history/*.jsonl`) and render it.

`run` reads; `timeline`, `matrix` and `headline` say what it means; `html`, `junit`, `terminal` and `github` write it.
Nothing here knows how a run is made. `allure` is another kind of thing: it guards what another reporter writes.
"""
