CREATE TABLE g (id INT PRIMARY KEY, a INT, b INT AS (a * 2) STORED, c INT AS (b + 1) VIRTUAL, KEY (c));
INSERT INTO g (id, a) VALUES (1, 1), (2, 2), (3, NULL);
UPDATE g SET a = a + 1 WHERE c = 5;
SELECT * FROM g ORDER BY id;
UPDATE g SET a = 5;
SELECT id FROM g WHERE c = 11 ORDER BY id;
INSERT INTO g (id, a) VALUES (1, 7) ON DUPLICATE KEY UPDATE a = VALUES(a);
SELECT * FROM g WHERE c = 15;
CREATE TABLE u (id INT PRIMARY KEY, a INT, b INT AS (a * 2) STORED, d INT, UNIQUE KEY (b, d), CONSTRAINT less CHECK (b < d));
INSERT INTO u (id, a, d) VALUES (1, 1, 100), (2, 2, 100);
UPDATE u SET a = 3 WHERE id = 1;
UPDATE u SET a = 2 WHERE id = 1;
-- @mysql the number of the error
-- error 3819
UPDATE u SET a = 50 WHERE id = 1;
SELECT * FROM u ORDER BY id;
