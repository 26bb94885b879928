// Writes plain.sas7bdat (plain 64), 32-bit.sas7bdat (plain 32) and rle.sas7bdat (rle 64) of tests/formats/other with
// ReadStat's own writer, by hand: cc -I src readstat.c src/*.c src/sas/*.c -lm in ReadStat's sources.
#include "readstat.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static ssize_t put(const void *bytes, size_t length, void *file) { return write(*(int *)file, bytes, length); }

int main(int count, char **words) {
    if (count != 4) return 2;
    int file = open(words[1], O_CREAT | O_TRUNC | O_WRONLY, 0644);
    readstat_writer_t *writer = readstat_writer_init();
    readstat_set_data_writer(writer, &put);
    if (!strcmp(words[2], "rle")) readstat_writer_set_compression(writer, READSTAT_COMPRESS_ROWS);
    readstat_writer_set_file_format_is_64bit(writer, !strcmp(words[3], "64"));
    readstat_variable_t *columns[4] = {readstat_add_variable(writer, "Namn", READSTAT_TYPE_STRING, 40)};
    const char *names[] = {"Namn", "Antal", "Belopp", "Dag"};
    for (int at = 1; at < 4; at++) columns[at] = readstat_add_variable(writer, names[at], READSTAT_TYPE_DOUBLE, 8);
    readstat_variable_set_format(columns[3], "YYMMDD10");
    readstat_begin_writing_sas7bdat(writer, &file, 3);
    const char *people[] = {"Åsa Öberg", "Müller–Ek", "Ek"};
    double numbers[][3] = {{1, 2.5, 21609}, {20, 0.25, 21974}};
    for (int row = 0; row < 3; row++) {
        readstat_begin_row(writer);
        readstat_insert_string_value(writer, columns[0], people[row]);
        for (int at = 1; at < 4; at++)
            if (row < 2) readstat_insert_double_value(writer, columns[at], numbers[row][at - 1]);
            else readstat_insert_missing_value(writer, columns[at]);
        readstat_end_row(writer);
    }
    return readstat_end_writing(writer);
}
