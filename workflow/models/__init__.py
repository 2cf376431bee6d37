"""The tables, as SQLAlchemy Core. One schema for SQLite and PostgreSQL.

Times are text, `2026-06-09T12:00:00.000000Z`: the same characters stand in the hashed payload of an event, they
sort as they are, and both databases keep them alike. JSON is text for the same reason. Dates are `2026-06-09`.
"""

from workflow.models.accounts import account as account
from workflow.models.accounts import api_token as api_token
from workflow.models.accounts import identity as identity
from workflow.models.accounts import identity_grant as identity_grant
from workflow.models.accounts import one_time_link as one_time_link
from workflow.models.accounts import recovery_code as recovery_code
from workflow.models.accounts import security_log as security_log
from workflow.models.accounts import session as session
from workflow.models.base import metadata as metadata
from workflow.models.deadlines import (
    calendar_version as calendar_version,
)
from workflow.models.deadlines import (
    deadline as deadline,
)
from workflow.models.deadlines import (
    due_step as due_step,
)
from workflow.models.deadlines import (
    follow_up as follow_up,
)
from workflow.models.deadlines import (
    outbox as outbox,
)
from workflow.models.deadlines import (
    reminder as reminder,
)
from workflow.models.deadlines import (
    task_slot as task_slot,
)
from workflow.models.documents import (
    document as document,
)
from workflow.models.documents import (
    draft as draft,
)
from workflow.models.documents import (
    draft_document as draft_document,
)
from workflow.models.documents import (
    item_link as item_link,
)
from workflow.models.history import (
    command as command,
)
from workflow.models.history import (
    counter as counter,
)
from workflow.models.history import (
    disclosure as disclosure,
)
from workflow.models.history import (
    event as event,
)
from workflow.models.history import (
    import_row as import_row,
)
from workflow.models.history import (
    refusal_window as refusal_window,
)
from workflow.models.history import (
    stream_head as stream_head,
)
from workflow.models.items import (
    assignment as assignment,
)
from workflow.models.items import (
    follower as follower,
)
from workflow.models.items import (
    item as item,
)
from workflow.models.items import (
    item_facet as item_facet,
)
from workflow.models.items import (
    item_text as item_text,
)
from workflow.models.items import (
    item_word as item_word,
)
from workflow.models.items import (
    link as link,
)
from workflow.models.items import (
    record as record,
)
from workflow.models.items import (
    support as support,
)
from workflow.models.items import (
    task as task,
)
from workflow.models.jobs import job as job
from workflow.models.log import checkpoint as checkpoint
from workflow.models.log import log_leaf as log_leaf
from workflow.models.log import log_node as log_node
from workflow.models.people import calendar_feed as calendar_feed
from workflow.models.people import contact as contact
from workflow.models.people import deputy as deputy
from workflow.models.people import person as person
from workflow.models.people import role_grant as role_grant
from workflow.models.rules import lifecycle_version as lifecycle_version
from workflow.models.rules import programme_version as programme_version
from workflow.models.sending import delivery as delivery
from workflow.models.sending import inbox as inbox
from workflow.models.sending import preference as preference
from workflow.models.sending import webhook as webhook
