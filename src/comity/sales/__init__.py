"""Sales: inquiries become leads, leads become deals, deals move along stages until they are won or lost."""
