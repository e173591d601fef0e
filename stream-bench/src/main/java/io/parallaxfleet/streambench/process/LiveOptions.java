package io.parallaxfleet.streambench.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What every run against a whole job lets be chosen of it. */
public final class LiveOptions {
    private static final int PARALLELISM = 2;

    @Option(names = "--backend", description = "state backend of the job: hashmap or rocksdb")
    private String backend = "hashmap";

    @Option(names = "--checkpoint-millis", description = "time between two checkpoints of the job")
    private long checkpointMillis;

    @Option(names = "--heap", description = "of the job's process")
    private String heap = "6g";

    @Option(names = "--directory", description = "where data and logs go; by default a temporary one that is deleted")
    private Path directory;

    /** @param checkpointMillis where nothing else is asked for */
    public LiveOptions(long checkpointMillis) {
        this.checkpointMillis = checkpointMillis;
    }

    public String backend() {
        return backend;
    }

    /** Runs in the directory that was asked for, or in one that is deleted afterwards and whose name starts with the prefix. */
    public int in(String prefix, WorkingDirectory.Run run) throws Exception {
        return WorkingDirectory.with(Optional.ofNullable(directory), prefix, run);
    }

    public LiveSystem start(Path where) throws IOException {
        return LiveSystem.start(backend, PARALLELISM, Duration.ofMillis(checkpointMillis), heap, where);
    }
}
