package io.parallaxfleet.uplink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.uplink.Spool.Entry;
import io.parallaxfleet.uplink.Spool.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    /** Ten records of 12 bytes with their headers to a segment, eight segments at most. */
    private static final Limits SMALL = new Limits(120, 960);

    @TempDir
    private Path directory;

    private Spool open() {
        return Spool.open(directory, SMALL);
    }

    private static byte[] record(long number) {
        return ByteBuffer.allocate(4).putInt((int) number).array();
    }

    private static void append(Spool spool, long first, long end) {
        LongStream.range(first, end).forEach(number -> spool.append(record(number)));
    }

    private static List<Long> numbers(List<Entry> entries) {
        entries.forEach(entry -> assertArrayEquals(record(entry.sequence()), entry.payload()));
        return entries.stream().map(Entry::sequence).toList();
    }

    /** Everything that is left, delivered in batches. */
    private static List<Long> drain(Spool spool, int batch) {
        List<Long> all = new ArrayList<>();
        for (List<Entry> entries = spool.peek(batch); !entries.isEmpty(); entries = spool.peek(batch)) {
            all.addAll(numbers(entries));
            spool.commit(entries.get(entries.size() - 1).sequence() + 1);
        }
        return all;
    }

    private static List<Long> range(long first, long end) {
        return LongStream.range(first, end).boxed().toList();
    }

    private Path segment(int index) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(SpoolSegment::isSegment).sorted().toList().get(index);
        }
    }

    @Test
    void recordsComeOutInOrderOverSegments() {
        try (Spool spool = open()) {
            append(spool, 0, 47);

            assertEquals(range(0, 47), drain(spool, 7));
            assertEquals(0, spool.pending());
        }
    }

    @Test
    void peekingWithoutCommittingGivesTheSameAgain() {
        try (Spool spool = open()) {
            append(spool, 0, 5);

            assertEquals(numbers(spool.peek(3)), numbers(spool.peek(3)));
        }
    }

    @Test
    void deliveredSegmentsLeaveTheDisk() throws IOException {
        try (Spool spool = open()) {
            append(spool, 0, 47);
            drain(spool, 50);

            try (Stream<Path> files = Files.list(directory)) {
                assertEquals(1, files.filter(SpoolSegment::isSegment).count());
            }
        }
    }

    @Test
    void committingWhatDoesNotExistIsRefused() {
        try (Spool spool = open()) {
            assertThrows(IllegalArgumentException.class, () -> spool.commit(1));
        }
    }

    @Nested
    class AfterARestart {
        @Test
        void itGoesOnWithTheFirstRecordThatWasNotCommitted() {
            try (Spool spool = open()) {
                append(spool, 0, 25);
                spool.peek(12);
                spool.commit(12);
            }
            try (Spool spool = open()) {
                append(spool, 25, 30);

                assertEquals(range(12, 30), drain(spool, 100));
            }
        }

        @Test
        void numbersGoOnWhereEverythingWasDelivered() {
            try (Spool spool = open()) {
                append(spool, 0, 25);
                drain(spool, 100);
            }
            try (Spool spool = open()) {
                spool.append(record(25));

                assertEquals(List.of(25L), drain(spool, 100));
            }
        }

        @Test
        void aTornLastRecordIsCutOffAndWrittenOver() throws IOException {
            try (Spool spool = open()) {
                append(spool, 0, 5);
            }
            try (FileChannel file = FileChannel.open(segment(0), StandardOpenOption.WRITE)) {
                file.truncate(file.size() - 3);
            }
            try (Spool spool = open()) {
                append(spool, 4, 6);

                assertEquals(range(0, 6), drain(spool, 100));
                assertEquals(0, spool.lost());
            }
        }

        @Test
        void aCrashAtAnyByteOfTheLastAppendKeepsEveryRecordBeforeIt() throws IOException {
            try (Spool spool = open()) {
                append(spool, 0, 4);
            }
            byte[] whole = Files.readAllBytes(segment(0));
            for (int length = whole.length - 12; length < whole.length; length++) {
                Files.write(segment(0), Arrays.copyOf(whole, length));
                try (Spool spool = open()) {
                    assertEquals(range(0, 3), numbers(spool.peek(10)), "cut at byte " + length);
                }
            }
        }

        @Test
        void anUnreadablePositionDeliversAgainRatherThanNever() throws IOException {
            try (Spool spool = open()) {
                append(spool, 0, 5);
                spool.commit(3);
            }
            Files.writeString(directory.resolve("head"), "not a number");
            try (Spool spool = open()) {
                assertEquals(range(0, 5), drain(spool, 100));
            }
        }

        @Test
        void aLongerUnusedTailThanThePositionSaysNeverReusesNumbers() throws IOException {
            try (Spool spool = open()) {
                append(spool, 0, 5);
                spool.commit(5);
            }
            Files.write(segment(0), new byte[0]);
            try (Spool spool = open()) {
                spool.append(record(5));

                assertEquals(List.of(5L), drain(spool, 100));
            }
        }
    }

    @Nested
    class WhenRecordsAreLost {
        @Test
        void theOldestSegmentGivesWayAndTheLossIsCounted() {
            try (Spool spool = open()) {
                append(spool, 0, 200);

                List<Long> left = drain(spool, 500);

                assertEquals(200, left.size() + spool.lost());
                assertEquals(range(spool.lost(), 200), left);
                assertTrue(spool.lost() > 0 && left.size() >= 70, "room for eight segments kept only " + left.size());
            }
        }

        @Test
        void deliveredRecordsAreNotCountedAsLost() {
            try (Spool spool = open()) {
                for (int round = 0; round < 10; round++) {
                    append(spool, 20 * round, 20 * (round + 1));
                    drain(spool, 100);
                }

                assertEquals(0, spool.lost());
            }
        }

        @Test
        void aBatchThatIsDroppedWhileItIsSentMayStillBeCommitted() {
            try (Spool spool = open()) {
                append(spool, 0, 10);
                List<Entry> sending = spool.peek(10);
                append(spool, 10, 200);

                spool.commit(sending.get(9).sequence() + 1);

                assertEquals(range(spool.lost(), 200), drain(spool, 500));
            }
        }

        @Test
        void aDamagedRecordCostsTheRestOfItsSegmentAndNoMore() throws IOException {
            try (Spool spool = open()) {
                append(spool, 0, 30);
                try (FileChannel file = FileChannel.open(segment(0), StandardOpenOption.WRITE)) {
                    // A payload byte of the fifth record.
                    file.write(ByteBuffer.wrap(new byte[] {99}), 4 * 12 + 8);
                }

                List<Long> left = drain(spool, 100);

                assertEquals(Stream.concat(range(0, 4).stream(), range(10, 30).stream()).toList(), left);
                assertEquals(6, spool.lost());
            }
        }

        @Test
        void damageBeforeARestartIsCountedToo() throws IOException {
            try (Spool spool = open()) {
                append(spool, 0, 30);
            }
            try (FileChannel file = FileChannel.open(segment(0), StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[] {99}), 4 * 12 + 8);
            }
            try (Spool spool = open()) {
                assertEquals(24, drain(spool, 100).size());
                assertEquals(6, spool.lost());
            }
        }
    }

    @Test
    void randomUseAndCrashesNeverReorderAndNeverLoseAnythingUncounted() {
        SplittableRandom random = new SplittableRandom(7);
        long appended = 0;
        long next = 0;
        Spool spool = Spool.open(directory, new Limits(200, 100_000));
        for (int step = 0; step < 2_000; step++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> spool.append(record(appended++));
                case 2 -> {
                    List<Entry> entries = spool.peek(1 + random.nextInt(20));
                    if (!entries.isEmpty()) {
                        assertEquals(next, numbers(entries).get(0));
                        next = entries.get(0).sequence() + 1 + random.nextInt(entries.size());
                        spool.commit(next);
                    }
                }
                default -> {
                    // A crash: nothing is closed in order, another process opens what the disk has.
                    spool = Spool.open(directory, new Limits(200, 100_000));
                }
            }
        }
        assertEquals(appended - next, spool.pending());
        assertEquals(range(next, appended), drain(spool, 64));
        assertEquals(0, spool.lost());
        spool.close();
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Path blocked = directory.resolve("file");
        Files.writeString(blocked, "");

        UncheckedIOException error = assertThrows(UncheckedIOException.class, () -> Spool.open(blocked.resolve("spool"), SMALL));

        assertTrue(error.getMessage().contains(blocked.toString()));
    }
}
