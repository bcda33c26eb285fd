-- +goose Up
CREATE TABLE instruments (
    id     BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    symbol VARCHAR(12)     NOT NULL,
    UNIQUE KEY instruments_symbol (symbol)
);

CREATE TABLE orders (
    id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    instrument_id BIGINT UNSIGNED NOT NULL,
    side          ENUM('buy', 'sell') NOT NULL,
    price         DECIMAL(12,4)   NOT NULL,
    quantity      INT             NOT NULL,
    filled        INT             NOT NULL DEFAULT 0,
    note          VARCHAR(200)    NULL,
    created_at    DATETIME(6)     NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    KEY orders_book (instrument_id, side, price),
    CONSTRAINT orders_instrument FOREIGN KEY (instrument_id) REFERENCES instruments (id),
    CONSTRAINT orders_filled CHECK (filled BETWEEN 0 AND quantity)
);

-- +goose Down
DROP TABLE orders;
DROP TABLE instruments;
