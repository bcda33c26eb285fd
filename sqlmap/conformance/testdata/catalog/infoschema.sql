CREATE TABLE p (id INT PRIMARY KEY, n VARCHAR(10) NOT NULL, UNIQUE KEY un (n));
CREATE TABLE c (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, pid INT, a DECIMAL(12,4) DEFAULT 1.5, d DATE, ts DATETIME(6), b BLOB, e ENUM('x','y'), KEY pa (pid, a), CONSTRAINT fk_c FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE);
CREATE VIEW v AS SELECT id FROM p;
SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'test' ORDER BY table_name;
SELECT TABLE_NAME, ENGINE FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'test' AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1;
SELECT column_name, ordinal_position, is_nullable, data_type, column_key, extra FROM information_schema.columns WHERE table_schema = 'test' AND table_name = 'c' ORDER BY ordinal_position;
SELECT column_name, numeric_precision, numeric_scale, datetime_precision FROM information_schema.columns WHERE table_schema = 'test' AND table_name = 'c' ORDER BY ordinal_position;
SELECT column_name, character_maximum_length, character_octet_length FROM information_schema.columns WHERE table_schema = 'test' AND table_name = 'p' ORDER BY ordinal_position;
SELECT index_name, seq_in_index, column_name, non_unique, nullable FROM information_schema.statistics WHERE table_schema = 'test' AND table_name = 'c' ORDER BY index_name, seq_in_index;
SELECT constraint_name, constraint_type FROM information_schema.table_constraints WHERE table_schema = 'test' AND table_name = 'c' ORDER BY constraint_name;
SELECT constraint_name, column_name, ordinal_position, referenced_table_name, referenced_column_name FROM information_schema.key_column_usage WHERE table_schema = 'test' AND table_name = 'c' ORDER BY constraint_name;
SELECT constraint_name, delete_rule, referenced_table_name FROM information_schema.referential_constraints WHERE constraint_schema = 'test';
SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'test';
SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ('test', 'information_schema') ORDER BY 1;
SELECT COUNT(*) FROM information_schema.tables t JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name WHERE t.table_schema = 'test';
SELECT t.table_name, COUNT(*) FROM information_schema.columns t WHERE t.table_schema = DATABASE() GROUP BY t.table_name ORDER BY 1;
SHOW TABLES;
SHOW TABLES LIKE 'c%';
SHOW TABLES FROM test LIKE 'p';
SHOW FULL TABLES;
-- @mysql integers have no display width
-- = Field	Type	Null	Key	Default	Extra
-- | id	int	NO	PRI	\N	
-- | n	varchar(10)	NO	UNI	\N	
SHOW COLUMNS FROM p;
SHOW DATABASES LIKE 'test';
SHOW COLUMNS FROM nope;
SHOW TABLES FROM nodb;
DESCRIBE nope;
SHOW CREATE TABLE nope;
INSERT INTO information_schema.tables (table_name) VALUES ('x');
SELECT * FROM information_schema.nope;
SELECT table_name FROM information_schema.tables WHERE table_schema = 'nothere';
USE information_schema;
SELECT table_name FROM tables WHERE table_schema = 'test' ORDER BY 1;
USE test;
SELECT DATABASE(), SCHEMA();
