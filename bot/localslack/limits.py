"""Slack's limits on what an app may send: one table, compared by a test with the one the renderer keeps.

Characters unless said otherwise. Where sources disagree, the smaller number. Sources:
https://docs.slack.dev/reference/block-kit/blocks and the pages of each block, element and object.
"""

from __future__ import annotations

# messages
POST_TEXT = 40_000  # chat.postMessage cuts the rest off
UPDATE_TEXT = 4_000  # chat.update refuses more: msg_too_long
MARKDOWN_TEXT = 12_000  # markdown_text, and the sum of a message's markdown blocks
METADATA_BYTES = 8_192
MESSAGE_BLOCKS = 50
# Not documented: all the text of a message's blocks together; Slack answers msg_blocks_too_long.
MESSAGE_BLOCK_CHARACTERS = 12_000
MESSAGE_TABLES = 1

# views
VIEW_BLOCKS = 100
VIEW_TITLE = 24
VIEW_BYTES = 250_000
PRIVATE_METADATA = 3_000
CALLBACK_ID = 255
EXTERNAL_ID = 255
MODAL_STACK = 3

# blocks
BLOCK_ID = 255
SECTION_TEXT = 3_000
SECTION_FIELDS = 10
SECTION_FIELD = 2_000
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
CONTEXT_ACTIONS_ELEMENTS = 5
IMAGE_URL = 3_000
ALT_TEXT = 2_000
IMAGE_TITLE = 2_000
INPUT_LABEL = 2_000
INPUT_HINT = 2_000
PLAN_TASKS = 50
TASK_TEXT = 256
TABLE_ROWS = 100
TABLE_COLUMNS = 20

# elements and objects
ACTION_ID = 255
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
BUTTON_URL = 3_000
ACCESSIBILITY_LABEL = 75
PLACEHOLDER = 150
OPTIONS = 100
OPTION_GROUPS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTION_DESCRIPTION = 75
OVERFLOW_OPTIONS = 5
CHOICE_OPTIONS = 10  # radio_buttons and checkboxes
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
INPUT_LENGTH = 3_000
