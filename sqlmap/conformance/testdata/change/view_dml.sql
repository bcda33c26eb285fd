CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, a INT, b VARCHAR(10) DEFAULT 'd', c INT NOT NULL DEFAULT 0);
INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'), (3, NULL);
CREATE VIEW v AS SELECT id, a, b FROM t WHERE a < 10;
-- @differs views are read only: error 1471
INSERT INTO v (a, b) VALUES (4, 'z');
-- @differs views are read only: error 1288
UPDATE v SET a = a * 5 WHERE id = 2;
-- @differs views are read only: error 1288
DELETE FROM v WHERE id = 1;
CREATE VIEW vc AS SELECT a, COUNT(*) n FROM t GROUP BY a;
UPDATE vc SET a = 1;
DELETE FROM vc;
INSERT INTO vc VALUES (1, 2);
CREATE VIEW vj AS SELECT t.id, t.a, u.a AS ua FROM t JOIN t u ON u.id = t.id;
-- @differs the number of the error: 1288
DELETE FROM vj WHERE id = 4;
DROP VIEW vc, vj, v;
