package io.parallaxfleet.zoo;

import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * A made-up page: lines of block letters, dark on light, normalised as text detectors want it. On noise they answer nothing but
 * rounding errors. Planes come one after another, rows top down.
 */
final class TextPage implements DoubleSupplier {
    /** Rows of 5 pixels, the leftmost in bit 4. */
    private static final int[][] LETTERS = {
        {0x1E, 0x11, 0x11, 0x1E, 0x10, 0x10, 0x10}, // P
        {0x0E, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11}, // A
        {0x1E, 0x11, 0x11, 0x1E, 0x14, 0x12, 0x11}, // R
        {0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1F}, // L
        {0x11, 0x0A, 0x04, 0x04, 0x04, 0x0A, 0x11}, // X
        {0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x1F}, // E
        {0x1F, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04}, // T
    };

    private static final int LETTER_WIDTH = 5;
    private static final int LETTER_HEIGHT = 7;
    /** Pixels of the page for one pixel of a letter. */
    private static final int SCALE = 4;

    private static final int COLUMN_PITCH = 6;
    private static final int LINE_PITCH = 16;
    /** Letters to a word, and one space after it. */
    private static final int WORD = 8;

    private static final double INK = -2;
    private static final double PAPER = 2;
    private static final double GRAIN = 0.1;

    private final SplittableRandom random;
    private final long height;
    private final long width;
    private final int shift;
    private long next;

    TextPage(long height, long width, SplittableRandom random) {
        this.height = height;
        this.width = width;
        this.random = random;
        this.shift = random.nextInt(LETTERS.length);
    }

    @Override
    public double getAsDouble() {
        long position = next++;
        long row = position / width % height / SCALE;
        long column = position % width / SCALE;
        return (isInk(row, column) ? INK : PAPER) + GRAIN * random.nextDouble();
    }

    private boolean isInk(long row, long column) {
        long letter = column / COLUMN_PITCH;
        long x = column % COLUMN_PITCH;
        long y = row % LINE_PITCH;
        if (x >= LETTER_WIDTH || y >= LETTER_HEIGHT || letter % (WORD + 1) == WORD) {
            return false;
        }
        int[] rows = LETTERS[(int) ((letter + row / LINE_PITCH + shift) % LETTERS.length)];
        return (rows[(int) y] >> (LETTER_WIDTH - 1 - x) & 1) != 0;
    }
}
