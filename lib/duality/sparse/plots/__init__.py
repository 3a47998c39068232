"""Tables in, figures out, in the house style of `duality.book.style`."""
