package io.parallaxfleet.operators.decode;

/** Where a name stands in a record, and the name once somebody asked for it. Not thread-safe. */
final class NameField {
    private int start;
    private int end;
    private String name;

    void read(RecordCursor cursor) {
        start = cursor.name();
        end = cursor.position();
        name = null;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    /** @param names of records before this one */
    String in(byte[] record, NameTable names) {
        if (name == null) {
            name = names.name(record, start, end);
        }
        return name;
    }
}
