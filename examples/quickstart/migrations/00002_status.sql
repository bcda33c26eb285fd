-- +goose Up
ALTER TABLE orders ADD COLUMN status ENUM('open', 'done', 'cancelled') NOT NULL DEFAULT 'open' AFTER filled;
CREATE INDEX orders_status ON orders (status, created_at);

-- +goose Down
DROP INDEX orders_status ON orders;
ALTER TABLE orders DROP COLUMN status;
