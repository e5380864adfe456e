package report

// Columns lets the tests measure lines as the writers do.
var Columns = columns
