"""One small file per harness.

claude_code.py       Claude Code through its ACP adapter
opencode.py          OpenCode
opencode_history.py  what OpenCode's database knows and its answers leave out
opencode_plugins.py  what OpenCode would run of a repository, although it is told not to
scripted.py          the scripted harness: no model, nothing to install
failures.py          the failure class of a provider's error
locks/               what `harnesses.install` installs: a package.json and a package-lock.json per harness
"""
