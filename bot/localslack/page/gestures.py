"""What a person can do on the page, as JSON: ``{"do": "say", "as": "U…", …}``. Each is a gesture of `People`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, assert_never

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter

from bot.localslack import elements
from bot.localslack.errors import GestureError
from bot.localslack.page.typed import as_sent

if TYPE_CHECKING:
    from bot.localslack.local import LocalSlack


class _Gesture(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    person: str = Field(alias="as")


class Upload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=255)
    base64: Base64Bytes


class Say(_Gesture):
    do: Literal["say"]
    channel: str
    text: str = ""
    thread: str | None = None
    files: tuple[Upload, ...] = ()


class Edit(_Gesture):
    do: Literal["edit"]
    channel: str
    ts: str
    text: str


class Delete(_Gesture):
    do: Literal["delete"]
    channel: str
    ts: str


class React(_Gesture):
    """Adds this person's reaction, or takes it back."""

    do: Literal["react"]
    channel: str
    ts: str
    name: str


class Command(_Gesture):
    do: Literal["command"]
    channel: str
    command: str
    text: str = ""


class Click(_Gesture):
    """``block`` and ``value`` tell elements with the same action_id apart; ``value`` is also what was chosen."""

    do: Literal["click"]
    channel: str
    ts: str
    action: str
    block: str | None = None
    value: str | list[str] | None = None


class ClickView(_Gesture):
    do: Literal["click_view"]
    action: str
    block: str | None = None
    value: str | list[str] | None = None
    home: bool = False


class Submit(_Gesture):
    """``values``: what stands in each input block, by block_id."""

    do: Literal["submit"]
    values: dict[str, str | list[str] | None] = Field(default_factory=dict)


class Close(_Gesture):
    do: Literal["close"]
    all: bool = False


class OpenHome(_Gesture):
    do: Literal["open_home"]
    tab: Literal["home", "messages"]


class OpenDm(_Gesture):
    """Answers with the ``channel`` of the conversation between this person and the app."""

    do: Literal["open_dm"]


Gesture = Annotated[
    Say | Edit | Delete | React | Command | Click | ClickView | Submit | Close | OpenHome | OpenDm,
    Field(discriminator="do"),
]
_GESTURE: TypeAdapter[Gesture] = TypeAdapter(Gesture)


def read(body: bytes) -> Gesture:
    """Raises pydantic's ValidationError for what is not a gesture."""
    return _GESTURE.validate_json(body)


async def perform(slack: LocalSlack, gesture: Gesture) -> dict[str, str]:
    """Do it as that person. Raises GestureError with a sentence when Slack's client would not offer it."""
    who = gesture.person
    if slack.state.user(who).is_bot:
        raise GestureError(f"{who} is an app: nobody can act as it here")
    match gesture:
        case Say(channel=channel, text=text, thread=thread, files=files):
            if not text.strip() and not files:
                raise GestureError("write something, or attach a file")
            uploads = [(upload.name, upload.base64) for upload in files]
            return {"ts": await slack.say(who, channel, as_sent(text, slack.state), thread, uploads)}
        case Edit(channel=channel, ts=ts, text=text):
            await slack.edit(who, channel, ts, as_sent(text, slack.state))
        case Delete(channel=channel, ts=ts):
            await slack.delete(who, channel, ts)
        case React(channel=channel, ts=ts, name=name):
            reactions = dict(slack.message(channel, ts).reactions)
            change = slack.unreact if who in reactions.get(name, ()) else slack.react
            await change(who, channel, ts, name)
        case Command(channel=channel, command=command, text=text):
            await slack.command(who, channel, command, as_sent(text, slack.state))
        case Click(channel=channel, ts=ts, action=action, value=value):
            block = _block_meant(gesture, slack.message(channel, ts).blocks)
            await slack.click(who, channel, ts, action, value=value, block_id=block)
        case ClickView(action=action, block=block, value=value, home=home):
            await slack.click_view(who, action, value=value, block_id=block, home=home)
        case Submit(values=values):
            await slack.submit_view(who, values)
        case Close(all=all_of_them):
            await slack.close_view(who, all_of_them=all_of_them)
        case OpenHome(tab=tab):
            await slack.open_home(who, tab)
        case OpenDm():
            return {"channel": slack.open_dm(who)}
        case _:
            assert_never(gesture)
    return {}


def _block_meant(click: Click, blocks: Any) -> str | None:
    """A message may be redrawn, with new block ids, between the drawing and the click: the id only counts where
    the action_id alone would not do."""
    alike = [1 for _, element in elements.interactive(blocks) if element["action_id"] == click.action]
    return click.block if len(alike) > 1 else None
