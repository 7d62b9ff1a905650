-- What a body says of itself on its privacy page and its open page (N1, N11): whom to
-- ask, and mailboxes of its functions. They are the body's own, of no person; who is
-- shown by name is asked of the consents at each request and stands nowhere.

-- +goose Up
CREATE TABLE directory_page (
    unit    BIGINT NOT NULL PRIMARY KEY,
    open    BIGINT NOT NULL,
    contact TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    phone   TEXT NOT NULL,
    origins TEXT NOT NULL
);

CREATE TABLE directory_mailbox (
    unit    BIGINT NOT NULL,
    post    TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    PRIMARY KEY (unit, post)
);

-- +goose Down
DROP TABLE directory_mailbox;
DROP TABLE directory_page;
