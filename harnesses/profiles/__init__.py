"""One small file per harness.

claude_code.py  Claude Code through its ACP adapter
scripted.py     the scripted harness: no model, nothing to install
failures.py     the failure class of a provider's error
locks/          what `harnesses.install` installs: a package.json and a package-lock.json per harness
"""
