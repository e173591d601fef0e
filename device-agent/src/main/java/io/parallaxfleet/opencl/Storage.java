package io.parallaxfleet.opencl;

/** One block of device memory that the kernels of a region share. Confined to the compilation of one region. */
final class Storage {
    /** Where the block lives. */
    enum Kind {
        /** In the region's scratch buffer, at a planned offset, reused after its last read. */
        SCRATCH,
        /** A region input. */
        INPUT,
        /** A region output. */
        OUTPUT,
        /** Weights, uploaded once. */
        CONSTANT
    }

    private final int elements;
    private Kind kind;
    /** Position among the region's inputs, outputs or weight buffers; set with the kind. */
    private int index;
    /** Offset in floats inside the buffer; set by planning for scratch and constants. */
    private int offset;
    private int firstLaunch = Integer.MAX_VALUE;
    private int lastLaunch = -1;
    /** Whether a kernel reads up to {@link DeviceTraits#SLACK_FLOATS} past the end: such memory cannot be the caller's. */
    private boolean readPastEnd;

    Storage(int elements, Kind kind, int index) {
        this.elements = elements;
        this.kind = kind;
        this.index = index;
    }

    int elements() {
        return elements;
    }

    Kind kind() {
        return kind;
    }

    int index() {
        return index;
    }

    int offset() {
        return offset;
    }

    int firstLaunch() {
        return firstLaunch;
    }

    int lastLaunch() {
        return lastLaunch;
    }

    boolean readPastEnd() {
        return readPastEnd;
    }

    void place(int bufferIndex, int offsetInBuffer) {
        index = bufferIndex;
        offset = offsetInBuffer;
    }

    void becomeOutput(int position) {
        kind = Kind.OUTPUT;
        index = position;
    }

    void touch(int launch) {
        firstLaunch = Math.min(firstLaunch, launch);
        lastLaunch = Math.max(lastLaunch, launch);
    }

    void markReadPastEnd() {
        readPastEnd = true;
    }

    /** The whole block. */
    View whole() {
        return new View(this, 0, elements);
    }

    /** A contiguous row-major tensor inside a storage; offsets and sizes in floats. */
    record View(Storage storage, int offset, int elements) {
        View {
            if (offset < 0 || elements < 0 || offset + (long) elements > storage.elements()) {
                throw new IllegalArgumentException("a view of " + elements + " at " + offset + " leaves its storage of "
                        + storage.elements());
            }
        }

        View part(int from, int count) {
            if (from < 0 || from + (long) count > elements) {
                throw new IllegalArgumentException("a part of " + count + " at " + from + " leaves its view of " + elements);
            }
            return new View(storage, offset + from, count);
        }

        boolean coversStorage() {
            return offset == 0 && elements == storage.elements();
        }
    }
}
