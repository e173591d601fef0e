package io.parallaxfleet.bench;

import io.parallaxfleet.engine.Execution;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the CPU part may be told to run. HETEROGENEOUS is none of it: a plan becomes that by its regions. */
final class CpuExecutionText implements ITypeConverter<Execution> {
    private static final List<Execution> CHOICES = List.of(Execution.ONE_SESSION, Execution.REWRITTEN, Execution.SPLIT);

    @Override
    public Execution convert(String value) {
        return CHOICES.stream()
                .filter(choice -> choice.name().equalsIgnoreCase(value))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + value + "' is none of "
                        + CHOICES.stream().map(Execution::name).collect(Collectors.joining(", "))));
    }
}
