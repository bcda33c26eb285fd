CREATE TABLE t (id INT PRIMARY KEY, a INT CHECK (a > 0), b INT, s VARCHAR(10), CONSTRAINT ab CHECK (a < b), CHECK (s <> 'bad'));
INSERT INTO t VALUES (1, 1, 2, 'ok');
-- @mysql the number of the error
-- error 3819
INSERT INTO t VALUES (2, 0, 2, 'ok');
-- @mysql the number of the error
-- error 3819
INSERT INTO t VALUES (2, 3, 2, 'ok');
-- @mysql the number of the error
-- error 3819
INSERT INTO t VALUES (2, 1, 2, 'bad');
INSERT INTO t VALUES (2, NULL, NULL, NULL);
-- @mysql the number of the error
-- error 3819
INSERT INTO t VALUES (3, NULL, 1, 'x'), (4, -1, 1, 'x');
SELECT id FROM t ORDER BY id;
-- @mysql the number of the error
-- error 3819
UPDATE t SET a = 5 WHERE id = 1;
UPDATE t SET a = 5, b = 6 WHERE id = 1;
-- @mysql the number of the error
-- error 3819
UPDATE t SET b = a WHERE id = 1;
INSERT IGNORE INTO t VALUES (5, 0, 1, 'x'), (6, 1, 2, 'x');
SELECT * FROM t ORDER BY id;
ALTER TABLE t DROP CONSTRAINT ab;
UPDATE t SET b = a WHERE id = 1;
-- @mysql the number of the error
-- error 3819
ALTER TABLE t ADD CONSTRAINT ab CHECK (a < b);
UPDATE t SET b = a + 1 WHERE id = 1;
ALTER TABLE t ADD CONSTRAINT ab CHECK (a < b);
-- @mysql the number of the error
-- error 3822
ALTER TABLE t ADD CONSTRAINT ab CHECK (a < b + 1);
-- @mysql the number of the error
-- error 3819
UPDATE t SET b = a WHERE id = 1;
-- @mysql the number of the error
-- error 3819
INSERT INTO t VALUES (1, 1, 2, 'x') ON DUPLICATE KEY UPDATE a = -1;
-- @mysql the number of the error
-- error 3819
REPLACE INTO t VALUES (1, 9, 2, 'x');
-- @mysql the number of the error
-- error 3820
CREATE TABLE bad (a INT, CHECK (nope > 1));
CREATE TABLE g (id INT PRIMARY KEY, a INT, b INT, s INT GENERATED ALWAYS AS (a + b) STORED, v VARCHAR(20) AS (CONCAT('v', a)) VIRTUAL, KEY (s));
INSERT INTO g (id, a, b) VALUES (1, 1, 2), (2, NULL, 3);
INSERT INTO g VALUES (3, 3, 4, DEFAULT, DEFAULT);
-- @mysql the number of the error
-- error 3105
INSERT INTO g (id, a, s) VALUES (4, 1, 5);
-- @mysql the number of the error
-- error 3105
INSERT INTO g VALUES (4, 3, 4, 7, 'v3');
SELECT * FROM g ORDER BY id;
UPDATE g SET a = 10 WHERE id = 1;
-- @mysql the number of the error
-- error 3105
UPDATE g SET s = 5 WHERE id = 1;
UPDATE g SET s = DEFAULT WHERE id = 1;
SELECT * FROM g ORDER BY id;
SELECT id FROM g WHERE s = 12;
SELECT id FROM g WHERE v = 'v3';
SELECT id, s FROM g ORDER BY s, id;
UPDATE g SET a = b, b = a WHERE id = 3;
SELECT * FROM g WHERE id = 3;
ALTER TABLE g ADD COLUMN w INT AS (s * 2) STORED;
SELECT id, w FROM g ORDER BY id;
INSERT INTO g (id, a, b) SELECT id + 10, a, b FROM g WHERE id < 3;
SELECT id, s, v, w FROM g WHERE id > 10 ORDER BY id;
CREATE TABLE u (id INT PRIMARY KEY, a INT, b VARCHAR(5), UNIQUE KEY ua (a), UNIQUE KEY uab (a, b));
INSERT INTO u VALUES (1, 1, 'x'), (2, NULL, 'x'), (3, NULL, 'x'), (4, 2, NULL);
INSERT INTO u VALUES (5, 1, 'y');
INSERT INTO u VALUES (5, NULL, 'x');
UPDATE u SET a = 2 WHERE id = 1;
UPDATE u SET a = NULL;
SELECT * FROM u ORDER BY id;
UPDATE u SET a = id;
UPDATE u SET a = a + 1 ORDER BY a DESC;
UPDATE u SET a = a + 1 ORDER BY a;
SELECT a FROM u ORDER BY id;
CREATE TABLE uc (s VARCHAR(10) COLLATE utf8mb4_general_ci UNIQUE, d DECIMAL(5,2) UNIQUE);
INSERT INTO uc VALUES ('abc', 1.5);
INSERT INTO uc VALUES ('ABC', 2.5);
INSERT INTO uc VALUES ('abd', 1.50);
INSERT INTO uc VALUES ('äbc', 3);
SELECT COUNT(*) FROM uc;
CREATE TABLE pk (a INT, b VARCHAR(5), PRIMARY KEY (a, b));
INSERT INTO pk VALUES (1, 'a'), (1, 'b'), (2, 'a');
INSERT INTO pk VALUES (1, 'b');
INSERT INTO pk VALUES (NULL, 'b');
INSERT INTO pk (a) VALUES (3);
SELECT * FROM pk WHERE a = 1 AND b = 'b';
SELECT * FROM pk WHERE a = 1 ORDER BY b DESC;
UPDATE pk SET b = 'b' WHERE a = 1 AND b = 'a';
CREATE TABLE d (id INT PRIMARY KEY, n INT DEFAULT 5, s VARCHAR(10) DEFAULT 'abc', t TIMESTAMP DEFAULT CURRENT_TIMESTAMP, x INT DEFAULT (1 + 2), e VARCHAR(36) DEFAULT (UPPER('q')), nn INT NOT NULL);
INSERT INTO d (id, nn) VALUES (1, 1);
INSERT INTO d (id) VALUES (2);
INSERT INTO d VALUES (2, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT);
INSERT INTO d (id, n, nn) VALUES (3, DEFAULT(n) + 1, 2);
SELECT id, n, s, t IS NOT NULL, x, e, nn FROM d ORDER BY id;
SELECT DEFAULT(n), DEFAULT(s) FROM d WHERE id = 1;
CREATE TABLE ai (id TINYINT AUTO_INCREMENT PRIMARY KEY, v INT);
INSERT INTO ai VALUES (126, 1);
INSERT INTO ai (v) VALUES (2);
-- @mysql InnoDB of MySQL offers the largest id again
-- error 1062
INSERT INTO ai (v) VALUES (3);
SELECT * FROM ai ORDER BY id;
INSERT INTO ai VALUES (-5, 9);
UPDATE ai SET id = 1 WHERE id = 126;
SELECT * FROM ai ORDER BY id;
CREATE TABLE ai2 (a INT, id INT AUTO_INCREMENT, KEY (id)) AUTO_INCREMENT = 50;
INSERT INTO ai2 (a) VALUES (1), (2);
INSERT INTO ai2 VALUES (3, 60), (4, NULL);
SELECT * FROM ai2 ORDER BY a;
CREATE TABLE ai3 (id INT AUTO_INCREMENT);
CREATE TABLE ai4 (id INT AUTO_INCREMENT PRIMARY KEY, x INT AUTO_INCREMENT UNIQUE);
CREATE TABLE ai5 (id VARCHAR(5) AUTO_INCREMENT PRIMARY KEY);
