package io.parallaxfleet;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Packages of the device agent: who may know whom. */
@AnalyzeClasses(packages = "io.parallaxfleet", importOptions = {ImportOption.DoNotIncludeTests.class, ImportOption.DoNotIncludeJars.class})
class ArchitectureTest {
    private static final String ROOT = "io.parallaxfleet.";

    /** From the ground up; a package may know those before it, and the others of its own line as long as no cycle forms. */
    private static final List<Set<String>> LEVELS = List.of(
            Set.of("schemas"),
            Set.of("graph", "cache", "cores", "process", "host", "svg"),
            Set.of("energy"),
            Set.of("zoo"),
            Set.of("prepare", "partition"),
            Set.of("branch"),
            Set.of("memory"),
            Set.of("schedule"),
            Set.of("execute"),
            Set.of("rewrite", "opencl"),
            Set.of("engine"),
            Set.of("thresholds"),
            Set.of("telemetry"),
            Set.of("uplink"),
            Set.of("workload"),
            Set.of("simulate", "bench", "check", "ablation", "agent"));

    /** What makes a library of the engine: everything up to it. */
    private static final String[] LIBRARY = {
        ROOT + "graph..", ROOT + "cache..", ROOT + "cores..", ROOT + "zoo..", ROOT + "prepare..", ROOT + "partition..", ROOT + "branch..",
        ROOT + "memory..", ROOT + "schedule..", ROOT + "execute..", ROOT + "rewrite..", ROOT + "opencl..", ROOT + "engine.."
    };

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CYCLE = slices().matching(ROOT + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_ENGINE_KNOWS_NEITHER_KAFKA_NOR_THE_CONTRACTS = noClasses()
            .that()
            .resideInAnyPackage(LIBRARY)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "org.apache.avro..", ROOT + "schemas..");

    @ArchTest
    static final ArchRule PACKAGES_KNOW_ONLY_WHAT_IS_BELOW_THEM = ArchRuleDefinition.classes().should(knowOnlyLowerLevels());

    private static ArchCondition<JavaClass> knowOnlyLowerLevels() {
        return new ArchCondition<>("know only packages of their own level and below") {
            @Override
            public void check(JavaClass origin, ConditionEvents events) {
                Optional<Integer> level = level(origin);
                origin.getDirectDependenciesFromSelf().stream()
                        .filter(dependency -> level.isPresent())
                        .filter(dependency -> level(dependency.getTargetClass())
                                .filter(target -> target > level.get())
                                .isPresent())
                        .forEach(dependency -> events.add(SimpleConditionEvent.violated(origin, dependency.getDescription())));
            }
        };
    }

    /** Level of a class; empty outside the project and in the root package, which starts everything. */
    private static Optional<Integer> level(JavaClass type) {
        String name = type.getPackageName();
        if (!name.startsWith(ROOT)) {
            return Optional.empty();
        }
        String feature = name.substring(ROOT.length()).split("\\.")[0];
        return Optional.of(IntStream.range(0, LEVELS.size())
                .filter(level -> LEVELS.get(level).contains(feature))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the package '" + name + "' has no place in LEVELS; give it one")));
    }
}
