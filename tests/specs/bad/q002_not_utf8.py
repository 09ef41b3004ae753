"""A spec saved in another encoding."""

# naïve # error: Q002 at 5
