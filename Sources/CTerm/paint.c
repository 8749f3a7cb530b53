// Putting cells on the screen.
#include "state.h"

#include <wchar.h>

#define LONGEST_ROW 4096

int ct_pair(int index, int foreground, int background) {
    if (!ct.has_colors || index < 1 || index >= COLOR_PAIRS || index > INT16_MAX) return 0;
    return init_extended_pair(index, foreground, background) == OK ? index : 0;
}

static attr_t attributes_of(uint8_t bits) {
    attr_t attributes = 0;
    if (bits & CT_BOLD) attributes |= A_BOLD;
    if (bits & CT_DIM) attributes |= A_DIM;
    if (bits & CT_UNDERLINE) attributes |= A_UNDERLINE;
    if (bits & CT_REVERSE) attributes |= A_REVERSE;
    return attributes;
}

static void set_cell(cchar_t *out, wchar_t base, const ct_cell *cell) {
    wchar_t text[4] = {base, 0, 0, 0};
    int length = 1;
    if (cell->mark1 != 0 && wcwidth((wchar_t)cell->mark1) == 0) text[length++] = (wchar_t)cell->mark1;
    if (cell->mark2 != 0 && wcwidth((wchar_t)cell->mark2) == 0) text[length++] = (wchar_t)cell->mark2;
    int pair = cell->pair;
    // Extended pairs only fit through the last parameter.
    setcchar(out, text, attributes_of(cell->attributes), 0, &pair);
}

void ct_put(int row, int column, const ct_cell *cells, int count) {
    if (!ct_live || row < 0 || row >= LINES || column < 0 || column >= COLS) return;
    cchar_t line[LONGEST_ROW];
    int length = 0;
    for (int i = 0; i < count && length < LONGEST_ROW - 1; i++) {
        const ct_cell *cell = &cells[i];
        if (cell->width == 0) continue;
        wchar_t base = (wchar_t)cell->base;
        if (wcwidth(base) == cell->width) {
            set_cell(&line[length++], base, cell);
            continue;
        }
        // This C library measures the character otherwise than we do, or does not know it: a stand-in of the right
        // width keeps every column after it in its place.
        set_cell(&line[length++], ct.replacement, cell);
        if (cell->width == 2) set_cell(&line[length++], L' ', cell);
    }
    mvwadd_wchnstr(stdscr, row, column, line, length);
}

void ct_erase(void) {
    if (ct_live) werase(stdscr);
}

void ct_repaint(void) {
    ct.repaint_pending = 1;
    if (ct.screen != NULL) clearok(curscr, TRUE);
}

void ct_flush(int cursor_row, int cursor_column) {
    if (!ct_live) return;
    int show = cursor_row >= 0;
    if (show != ct.cursor_shown) {
        curs_set(show);
        leaveok(stdscr, !show);
        ct.cursor_shown = show;
    }
    if (show) wmove(stdscr, cursor_row, cursor_column);
    wnoutrefresh(stdscr);
    // A repaint clears the screen, and clearing inside a synchronised block makes some terminals flash.
    int synchronised = (ct.features & CT_FEATURE_SYNC) && !ct.repaint_pending;
    if (synchronised) ct_write_text("\033[?2026h");
    doupdate();
    if (synchronised) ct_write_text("\033[?2026l");
    ct.repaint_pending = 0;
}
