package io.parallaxfleet.operators;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

@AnalyzeClasses(packages = "io.parallaxfleet.operators", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule FLINK_STAYS_IN_THE_SHELLS = noClasses()
            .that().resideOutsideOfPackages("..flink..")
            .should().dependOnClassesThat().resideInAPackage("org.apache.flink..");

    @ArchTest
    static final ArchRule LOGIC_DOES_NOT_KNOW_ITS_SHELL = noClasses()
            .that().resideOutsideOfPackages("..flink..")
            .should().dependOnClassesThat().resideInAPackage("io.parallaxfleet.operators..flink..");

    @ArchTest
    static final ArchRule ARROWS_END_AT_SCHEMAS = classes()
            .should().onlyDependOnClassesThat().resideInAnyPackage("io.parallaxfleet.operators..", "io.parallaxfleet.schemas..",
                    "org.apache.flink..", "org.slf4j..", "java..");

    @ArchTest
    static final ArchRule THE_FIT_KNOWS_NOTHING_OF_WHAT_IS_DONE_WITH_IT = noClasses()
            .that().resideInAPackage("io.parallaxfleet.operators.fit")
            .should().dependOnClassesThat().resideInAnyPackage("..search..", "..rollout..");

    @ArchTest
    static final ArchRule NOBODY_READS_THE_CLOCK = noClasses()
            .should().callMethod(System.class, "currentTimeMillis")
            .orShould().callMethod(System.class, "nanoTime")
            .orShould().callMethod(Instant.class, "now")
            .orShould().callMethod(Math.class, "random");
}
