package io.parallaxfleet.job;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.parallaxfleet", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule THE_JOB_AND_THE_DEVICES_MEET_IN_SCHEMAS_ONLY = noClasses()
            .that().resideInAPackage("io.parallaxfleet.job..")
            .should().dependOnClassesThat().resideInAnyPackage("io.parallaxfleet.agent..", "io.parallaxfleet.engine..",
                    "io.parallaxfleet.telemetry..", "io.parallaxfleet.thresholds..", "io.parallaxfleet.partition..",
                    "io.parallaxfleet.dashboards..", "io.parallaxfleet.quickstart..");

    @ArchTest
    static final ArchRule ARROWS_POINT_DOWN = noClasses()
            .that().resideInAnyPackage("io.parallaxfleet.operators..", "io.parallaxfleet.schemas..")
            .should().dependOnClassesThat().resideInAPackage("io.parallaxfleet.job..");

    @ArchTest
    static final ArchRule OPERATORS_DO_NOT_KNOW_KAFKA = noClasses()
            .that().resideInAPackage("io.parallaxfleet.operators..")
            .should().dependOnClassesThat().resideInAPackage("org.apache.kafka..");
}
