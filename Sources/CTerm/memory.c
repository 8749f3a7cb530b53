// What the program holds in memory, and giving it back.
#define _GNU_SOURCE  // dl_iterate_phdr
#include "cterm.h"

#ifdef __linux__
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#ifdef __GLIBC__
// A heap for each thread keeps memory that no other thread can use; a screen that is left open for weeks needs one. Before anything else
// runs: a second heap that is there stays in use.
__attribute__((constructor)) static void use_one_heap(void) { mallopt(M_ARENA_MAX, 1); }
#endif

#ifdef __linux__
// Forgets the pages of a loaded file that nobody writes to. Those that are still needed come back from the system's cache when they are
// touched, which takes a microsecond each; what only the start needed, and what came along with it, stays away: nearly half. A debugger's
// breakpoints are forgotten, too.
static int give_back_code(struct dl_phdr_info *file, size_t size, void *page_size) {
    (void)size;
    uintptr_t page = *(uintptr_t *)page_size;
    for (int i = 0; i < file->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &file->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W)) continue;
        uintptr_t start = (file->dlpi_addr + part->p_vaddr) & ~(page - 1);
        uintptr_t end = (file->dlpi_addr + part->p_vaddr + part->p_memsz + page - 1) & ~(page - 1);
        madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}
#endif

void ct_release_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
#ifdef __linux__
    uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(give_back_code, &page_size);
#endif
}
