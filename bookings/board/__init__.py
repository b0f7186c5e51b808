"""The planning board: what is shown (`window`), of which vehicles (`sheets`), laid out in rows and bars (`rows`)."""

from bookings.board.rows import Board, board_of
from bookings.board.sheets import Sheet, sheets_of
from bookings.board.window import SCALES, Window, neighbours, window_of

__all__ = ["SCALES", "Board", "Sheet", "Window", "board_of", "neighbours", "sheets_of", "window_of"]
