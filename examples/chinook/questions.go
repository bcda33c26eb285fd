package main

// A question is what a shop owner asks, and the SQL that answers it.
type question struct {
	Name string // names the recorded answer in testdata/answers
	Text string
	SQL  string
}

// questions are ordered totally, so that their answers can be compared line by line with another server's.
var questions = []question{
	{"top_artists", "Which ten artists earn the most?", `
SELECT ar.Name AS Artist, COUNT(*) AS Sold, SUM(il.UnitPrice * il.Quantity) AS Revenue
FROM InvoiceLine il
JOIN Track t ON t.TrackId = il.TrackId
JOIN Album al ON al.AlbumId = t.AlbumId
JOIN Artist ar ON ar.ArtistId = al.ArtistId
GROUP BY ar.ArtistId, ar.Name
ORDER BY Revenue DESC, Artist
LIMIT 10`},
	{"sales_by_country_year", "What do we sell per country and year, in the five largest countries?", `
SELECT i.BillingCountry AS Country, YEAR(i.InvoiceDate) AS Year, COUNT(*) AS Invoices,
       SUM(i.Total) AS Revenue, ROUND(AVG(i.Total), 2) AS Mean
FROM Invoice i
JOIN (SELECT BillingCountry, SUM(Total) AS Revenue FROM Invoice
      GROUP BY BillingCountry ORDER BY Revenue DESC, BillingCountry LIMIT 5) top
  ON top.BillingCountry = i.BillingCountry
GROUP BY i.BillingCountry, YEAR(i.InvoiceDate)
ORDER BY Country, Year`},
	{"customers_by_genre", "How many customers buy each genre?", `
SELECT g.Name AS Genre, COUNT(DISTINCT i.CustomerId) AS Customers, SUM(il.Quantity) AS Tracks
FROM Genre g
JOIN Track t ON t.GenreId = g.GenreId
JOIN InvoiceLine il ON il.TrackId = t.TrackId
JOIN Invoice i ON i.InvoiceId = il.InvoiceId
GROUP BY g.GenreId, g.Name
HAVING COUNT(DISTINCT i.CustomerId) >= 5
ORDER BY Customers DESC, Genre`},
	{"employee_hierarchy", "Who reports to whom?", `
SELECT CONCAT(e.FirstName, ' ', e.LastName) AS Employee, e.Title,
       COALESCE(CONCAT(m.FirstName, ' ', m.LastName), '(nobody)') AS Manager,
       (SELECT COUNT(*) FROM Employee r WHERE r.ReportsTo = e.EmployeeId) AS Reports
FROM Employee e
LEFT JOIN Employee m ON m.EmployeeId = e.ReportsTo
ORDER BY e.EmployeeId`},
	{"unsold_playlists", "Which playlists hold not a single track that was ever sold?", `
SELECT p.PlaylistId AS Id, p.Name AS Playlist,
       (SELECT COUNT(*) FROM PlaylistTrack c WHERE c.PlaylistId = p.PlaylistId) AS Tracks
FROM Playlist p
WHERE NOT EXISTS (SELECT 1 FROM PlaylistTrack pt
                  JOIN InvoiceLine il ON il.TrackId = pt.TrackId
                  WHERE pt.PlaylistId = p.PlaylistId)
ORDER BY Id`},
	{"support_agents", "What does each support agent bring in?", `
SELECT CONCAT(e.FirstName, ' ', e.LastName) AS Agent, COUNT(DISTINCT c.CustomerId) AS Customers,
       COUNT(i.InvoiceId) AS Invoices, COALESCE(SUM(i.Total), 0) AS Revenue
FROM Employee e
JOIN Customer c ON c.SupportRepId = e.EmployeeId
LEFT JOIN Invoice i ON i.CustomerId = c.CustomerId
GROUP BY e.EmployeeId, e.FirstName, e.LastName
ORDER BY Revenue DESC`},
	{"best_customers", "Who are our ten best customers, and what do they listen to?", `
SELECT CONCAT(c.FirstName, ' ', c.LastName) AS Customer, c.Country, s.Spent,
       (SELECT g.Name FROM Invoice i
        JOIN InvoiceLine il ON il.InvoiceId = i.InvoiceId
        JOIN Track t ON t.TrackId = il.TrackId
        JOIN Genre g ON g.GenreId = t.GenreId
        WHERE i.CustomerId = c.CustomerId
        GROUP BY g.GenreId, g.Name ORDER BY COUNT(*) DESC, g.Name LIMIT 1) AS Favourite
FROM Customer c
JOIN (SELECT CustomerId, SUM(Total) AS Spent FROM Invoice GROUP BY CustomerId) s ON s.CustomerId = c.CustomerId
ORDER BY s.Spent DESC, Customer
LIMIT 10`},
	{"long_albums", "Which albums play for more than two hours?", `
SELECT al.Title AS Album, ar.Name AS Artist, COUNT(*) AS Tracks,
       SEC_TO_TIME(FLOOR(SUM(t.Milliseconds) / 1000)) AS Length
FROM Album al
JOIN Artist ar ON ar.ArtistId = al.ArtistId
JOIN Track t ON t.AlbumId = al.AlbumId
GROUP BY al.AlbumId, al.Title, ar.Name
HAVING SUM(t.Milliseconds) > 2 * 60 * 60 * 1000
ORDER BY SUM(t.Milliseconds) DESC, Album`},
	{"quarters", "How does revenue move from quarter to quarter?", `
SELECT CONCAT(YEAR(InvoiceDate), ' Q', QUARTER(InvoiceDate)) AS Quarter, COUNT(*) AS Invoices, SUM(Total) AS Revenue,
       CASE WHEN SUM(Total) >= 120 THEN 'good' WHEN SUM(Total) >= 110 THEN 'fair' ELSE 'weak' END AS Verdict
FROM Invoice
GROUP BY YEAR(InvoiceDate), QUARTER(InvoiceDate), CONCAT(YEAR(InvoiceDate), ' Q', QUARTER(InvoiceDate))
ORDER BY Quarter`},
	{"media_types", "In which formats do we sell, and what share is it?", `
SELECT m.Name AS Format, COUNT(il.InvoiceLineId) AS Sold,
       ROUND(100 * COUNT(il.InvoiceLineId) / (SELECT COUNT(*) FROM InvoiceLine), 1) AS Percent
FROM MediaType m
LEFT JOIN Track t ON t.MediaTypeId = m.MediaTypeId
LEFT JOIN InvoiceLine il ON il.TrackId = t.TrackId
GROUP BY m.MediaTypeId, m.Name
ORDER BY Sold DESC, Format`},
	{"loved_and_unsold", "Which tracks are in at least four playlists but were never sold?", `
SELECT t.TrackId AS Id, t.Name AS Track, COUNT(*) AS Playlists
FROM Track t
JOIN PlaylistTrack pt ON pt.TrackId = t.TrackId
WHERE t.TrackId NOT IN (SELECT il.TrackId FROM InvoiceLine il)
GROUP BY t.TrackId, t.Name
HAVING COUNT(*) >= 4
ORDER BY Playlists DESC, Id
LIMIT 15`},
	{"same_town", "Where do customers and employees live in the same town?", `
SELECT City, 'customer' AS Kind, CONCAT(FirstName, ' ', LastName) AS Name FROM Customer
WHERE City IN (SELECT City FROM Employee)
UNION ALL
SELECT City, 'employee', CONCAT(FirstName, ' ', LastName) FROM Employee
WHERE City IN (SELECT City FROM Customer)
ORDER BY City, Kind, Name`},
}
