from rest_framework.pagination import CursorPagination


class Pages(CursorPagination):
    """Cursor pages without a count: the tenth page costs what the first does."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
