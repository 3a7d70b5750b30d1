"""What other systems speak to: HL7 v2 by HTTP and MLLP, FHIR, watched folders, their senders."""
