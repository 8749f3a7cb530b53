// Opening, leaving and closing the terminal, and its size.
#include "state.h"

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

ct_state ct = {.input = -1, .output = -1, .cursor_shown = -1, .replacement = L'?'};

static FILE *in_file, *out_file;

// Signals for which curses installs handlers of its own, which run on any thread and call what is not safe there:
// they are taken out again at once.
static const int borrowed[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
enum { BORROWED_COUNT = sizeof borrowed / sizeof borrowed[0] };
static struct sigaction borrowed_before[BORROWED_COUNT];

static int set_locale(void) {
    if (setlocale(LC_CTYPE, "") == NULL) setlocale(LC_CTYPE, "C");
    // No language set, as often over ssh: the terminal is far more likely to be UTF-8 than ASCII.
    if (strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") == 0) setlocale(LC_CTYPE, "C.UTF-8");
    ct.replacement = wcwidth(0xFFFD) == 1 ? 0xFFFD : L'?';
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void close_files(void) {
    if (in_file != NULL) fclose(in_file);
    if (out_file != NULL) fclose(out_file);
    in_file = out_file = NULL;
}

static FILE *open_copy(int fd, const char *mode) {
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return NULL;
    FILE *file = fdopen(copy, mode);
    if (file == NULL) close(copy);
    return file;
}

static void enter_modes(void) {
    if (ct.features & CT_FEATURE_XTERM) ct_write_text("\033[?2004h");
}

ct_status ct_open(const ct_options *options, ct_info *info) {
    if (ct.screen != NULL) return CT_ALREADY_OPEN;
    if (!isatty(options->input) || !isatty(options->output) || tcgetattr(options->input, &ct.saved_modes) != 0)
        return CT_NOT_A_TERMINAL;
    info->is_utf8 = set_locale();
    in_file = open_copy(options->input, "r");
    out_file = open_copy(options->output, "w");
    if (in_file == NULL || out_file == NULL) {
        close_files();
        return CT_NOT_A_TERMINAL;
    }
    for (int i = 0; i < BORROWED_COUNT; i++) sigaction(borrowed[i], NULL, &borrowed_before[i]);
    ct.screen = newterm(options->term, out_file, in_file);
    for (int i = 0; i < BORROWED_COUNT; i++) sigaction(borrowed[i], &borrowed_before[i], NULL);
    if (ct.screen == NULL) {
        close_files();
        return CT_UNKNOWN_TERM;
    }
    ct.input = fileno(in_file);
    ct.output = fileno(out_file);
    ct.features = options->features;

    raw();
    noecho();
    nonl();
    set_escdelay(options->escape_delay);
    // Pending input must not cut a frame short: the frame after it may be equal and never be painted.
    typeahead(-1);
    scrollok(stdscr, FALSE);
    leaveok(stdscr, TRUE);
    curs_set(0);
    ct.cursor_shown = 0;
    ct.has_colors = has_colors() && start_color() == OK && COLORS >= 8;
    if (ct.has_colors) use_default_colors();
    info->colors = ct.has_colors ? COLORS : 0;

    ct.keyboard = newpad(1, 1);
    keypad(ct.keyboard, TRUE);
    nodelay(ct.keyboard, TRUE);
    if (ct.features & CT_FEATURE_XTERM) {
        define_key("\033[200~", PASTE_BEGIN_KEY);
        define_key("\033[201~", PASTE_END_KEY);
    }
    if (ct.features & CT_FEATURE_MOUSE) {
        mouseinterval(0);  // no waiting to see whether a press becomes a click
        mousemask(BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON3_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
    }
    ct_prepare_leaving();
    ct_on_leave("", 0);
    ct.repaint_pending = 1;
    ct_live = 1;
    ct_guard_crashes();
    ct_hear_signals();
    enter_modes();
    int columns, rows;
    ct_measure(ct.output, &columns, &rows);
    ct_resize(columns, rows);
    return CT_OPENED;
}

int ct_is_live(void) { return ct_live; }

void ct_leave(void) {
    if (!ct_live) return;
    if (ct.features & CT_FEATURE_XTERM) ct_write_text("\033[?2004l");
    ct_write_leave_extra();
    def_prog_mode();
    curs_set(1);
    ct_live = 0;  // doupdate after endwin would quietly take the screen again
    endwin();
    tcsetattr(ct.input, TCSANOW, &ct.saved_modes);
}

void ct_resume(void) {
    if (ct.screen == NULL) return;
    // The shell may have changed the modes: what it left is what it gets back. After a stop from outside, without
    // leaving, the modes may be our own still, and those must not become the ones to give back.
    if (!ct_live) tcgetattr(ct.input, &ct.saved_modes);
    reset_prog_mode();
    ct_live = 1;
    ct.cursor_shown = -1;
    enter_modes();
    ct_repaint();
}

void ct_close(void) {
    if (ct.screen == NULL) return;
    ct_leave();
    ct_unguard_crashes();
    ct_unhear_signals();
    delwin(ct.keyboard);
    delscreen(ct.screen);
    ct.screen = NULL;
    ct.keyboard = NULL;
    close_files();
    ct.input = ct.output = -1;
    ct_restore_errors();
}

void ct_stop_group(void) { kill(0, SIGTSTP); }

static int limited(int value, int most) { return value < 1 ? 1 : value > most ? most : value; }

void ct_measure(int output, int *columns, int *rows) {
    struct winsize size;
    memset(&size, 0, sizeof size);
    ioctl(output, TIOCGWINSZ, &size);
    // Serial lines and some containers report 0x0. The upper bounds keep a hostile report from asking for gigabytes.
    *columns = size.ws_col == 0 ? 80 : limited(size.ws_col, 2000);
    *rows = size.ws_row == 0 ? 24 : limited(size.ws_row, 1000);
}

void ct_resize(int columns, int rows) {
    if (ct.screen == NULL) return;
    // curses fills the last cell of the screen by writing it one column to the left and pushing it over, which on a screen of one
    // column pushes it off. Told of a second column it writes the cell plainly, and nothing is ever drawn in the other.
    if (columns < 2) columns = 2;
    if (is_term_resized(rows, columns)) resizeterm(rows, columns);
    ct_repaint();
}
