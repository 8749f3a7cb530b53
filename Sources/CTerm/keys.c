// Reading keys and the mouse.
#include "state.h"

#include <poll.h>
#include <sys/ioctl.h>

static int named_key(wint_t code) {
    switch (code) {
    case KEY_UP: return CT_KEY_UP;
    case KEY_DOWN: return CT_KEY_DOWN;
    case KEY_LEFT: return CT_KEY_LEFT;
    case KEY_RIGHT: return CT_KEY_RIGHT;
    case KEY_PPAGE: return CT_KEY_PAGE_UP;
    case KEY_NPAGE: return CT_KEY_PAGE_DOWN;
    case KEY_HOME: return CT_KEY_HOME;
    case KEY_END: return CT_KEY_END;
    case KEY_IC: return CT_KEY_INSERT;
    case KEY_DC: return CT_KEY_DELETE;
    case KEY_BACKSPACE: return CT_KEY_BACKSPACE;
    case KEY_ENTER: return CT_KEY_ENTER;
    case KEY_BTAB: return CT_KEY_BACK_TAB;
    case PASTE_BEGIN_KEY: return CT_KEY_PASTE_BEGIN;
    case PASTE_END_KEY: return CT_KEY_PASTE_END;
    default: return code > KEY_F0 && code <= KEY_F(63) ? CT_KEY_FUNCTION + (int)(code - KEY_F0) : 0;
    }
}

static ct_event mouse_event(void) {
    MEVENT mouse;
    ct_event event = {.kind = CT_OTHER};
    if (getmouse(&mouse) != OK) return event;
    event.row = mouse.y;
    event.column = mouse.x;
    if (mouse.bstate & BUTTON1_PRESSED) event.value = CT_MOUSE_PRESS;
    else if (mouse.bstate & BUTTON1_RELEASED) event.value = CT_MOUSE_RELEASE;
    else if (mouse.bstate & BUTTON3_PRESSED) event.value = CT_MOUSE_SECONDARY;
    else if (mouse.bstate & BUTTON4_PRESSED) event.value = CT_MOUSE_WHEEL_UP;
    else if (mouse.bstate & BUTTON5_PRESSED) event.value = CT_MOUSE_WHEEL_DOWN;
    if (event.value != 0) event.kind = CT_MOUSE;
    return event;
}

// A terminal that is gone is readable for ever and gives nothing; curses reports it as "no key yet".
static int is_closed(void) {
    struct pollfd state = {.fd = ct.input, .events = POLLIN};
    int available = 0;
    if (poll(&state, 1, 0) <= 0) return 0;
    if (state.revents & (POLLHUP | POLLERR | POLLNVAL)) return 1;
    return ioctl(ct.input, FIONREAD, &available) == 0 && available == 0;
}

ct_event ct_read(void) {
    ct_event event = {.kind = CT_NONE};
    if (!ct_live) return event;
    wint_t code = 0;
    int result = wget_wch(ct.keyboard, &code);
    if (result == ERR) {
        if (is_closed()) event.kind = CT_CLOSED;
    } else if (result == OK) {
        event.kind = CT_CHARACTER;
        event.value = code;
    } else if (code == KEY_MOUSE) {
        event = mouse_event();
    } else {
        int key = named_key(code);
        event.kind = key != 0 ? CT_KEY : CT_OTHER;
        event.value = (uint32_t)key;
    }
    return event;
}
