package io.parallaxfleet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class BenchCommandTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--runs 0 | --runs is 0",
        "--threads 0 | --threads is 0",
        "--warm-up -1 | --warm-up is -1",
        "--thresholds Q=3 | 'Q'",
        "--thresholds N=0 | N=0 is out of range",
        "--no-pruning --thresholds paper | exclude one another",
        "--json --markdown | exclude one another",
        "--scaling --memory-table | give one of them",
        "--pauses --shapes x:1x2 | give one of them",
        "--memory-table --json | take no --json",
        "--overhead --thresholds paper | take no --json, --thresholds",
        "--execution HETEROGENEOUS | none of ONE_SESSION, REWRITTEN, SPLIT",
    })
    @DisplayName("what makes no sense is refused in one line before anything is loaded")
    void misuse(String arguments, String told) {
        StringWriter err = new StringWriter();
        int exit = new CommandLine(new BenchCommand()).setErr(new PrintWriter(err)).execute(arguments.split(" "));
        assertEquals(2, exit);
        assertTrue(err.toString().contains(told), err.toString());
    }
}
