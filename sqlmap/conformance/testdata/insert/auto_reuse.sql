-- A row of a statement takes the generated id of the row before it that was not written.
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, c INT UNIQUE, v INT);
INSERT INTO t (c, v) VALUES (1, 1), (2, 2);
INSERT IGNORE INTO t (c, v) VALUES (3, 3), (1, 9), (4, 4), (2, 9), (1, 9), (5, 5);
SELECT * FROM t ORDER BY id;
ALTER TABLE t AUTO_INCREMENT = 20;
INSERT INTO t (c, v) VALUES (6, 6), (1, 10), (7, 7), (2, 20), (8, 8) ON DUPLICATE KEY UPDATE v = VALUES(v);
SELECT * FROM t ORDER BY id;
ALTER TABLE t AUTO_INCREMENT = 40;
REPLACE INTO t (c, v) VALUES (9, 9), (1, 11), (10, 10);
SELECT * FROM t ORDER BY id;
SELECT LAST_INSERT_ID();
