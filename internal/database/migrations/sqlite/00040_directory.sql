-- What a body says of itself on its privacy page and its open page (N1, N11): whom to
-- ask, and mailboxes of its functions. They are the body's own, of no person; who is
-- shown by name is asked of the consents at each request and stands nowhere.

-- +goose Up
CREATE TABLE directory_page (
    unit    INTEGER NOT NULL PRIMARY KEY,
    open    INTEGER NOT NULL,
    contact TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    phone   TEXT NOT NULL,
    origins TEXT NOT NULL
) STRICT;

CREATE TABLE directory_mailbox (
    unit    INTEGER NOT NULL,
    post    TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    PRIMARY KEY (unit, post)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE directory_mailbox;
DROP TABLE directory_page;
