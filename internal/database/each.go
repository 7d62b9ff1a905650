package database

import (
	"bytes"
	"errors"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// together is how many rows of ExecEach travel to PostgreSQL at once.
const together = 500

// execEach executes a statement for each row of arguments.
func (s *session) execEach(text string, args iter.Seq[[]any]) (touched int64, err error) {
	if s.engine == PostgreSQL {
		return s.execTogether(text, args)
	}
	for row := range args {
		n, err := s.exec(text, row)
		if err != nil {
			return 0, err
		}
		touched += n
	}
	return touched, nil
}

// execTogether sends the rows to PostgreSQL in batches.
func (s *session) execTogether(text string, args iter.Seq[[]any]) (touched int64, err error) {
	if err := s.free(); err != nil {
		return 0, err
	}
	var batch pgx.Batch
	flush := func() error {
		results := s.conn.(*stdlib.Conn).Conn().SendBatch(s.driven, &batch)
		for range batch.Len() {
			tag, err := results.Exec()
			if err != nil {
				return s.check(errors.Join(err, results.Close()))
			}
			touched += tag.RowsAffected()
		}
		batch = pgx.Batch{}
		return s.check(results.Close())
	}
	for row := range args {
		if err := s.bind(row); err != nil {
			return 0, err
		}
		values := make([]any, len(s.args))
		for i, v := range s.args {
			if b, ok := v.Value.([]byte); ok { // the sequence may reuse it, the batch waits
				v.Value = bytes.Clone(b)
			}
			values[i] = v.Value
		}
		if batch.Queue(text, values...); batch.Len() == together {
			if err := flush(); err != nil {
				return 0, err
			}
		}
	}
	if batch.Len() > 0 {
		err = flush()
	}
	return touched, err
}
