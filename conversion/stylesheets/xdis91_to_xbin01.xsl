<?xml version="1.0" encoding="UTF-8"?>
<!--
  The XBIN01 (XB0131X) that travels beside an XDIS91 made of a CareCommunication: MedCom's mapping table of January 2026,
  direction FHIR to OIOXML, column XBIN01.

  Source: that XDIS91, so that both letters name the same parties, patient and time. Result: an Emessage in which a token
  stands for each object's base64; the caller puts the base64 in its place once the letter is bytes.
  Whatever carries a row of the tables bears its id in row:id, so that the row can be taken out by name.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns="http://rep.oio.dk/medcom.dk/xml/schemas/2012/03/28/"
                xmlns:d="http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"
                xmlns:str="http://exslt.org/strings" xmlns:row="urn:vansim:row"
                exclude-result-prefixes="d str row">

  <xsl:output method="xml" indent="no"/>

  <!-- Identifiers of 14 characters, drawn when the message was accepted. -->
  <xsl:param name="envelope-identifier"/>
  <xsl:param name="letter-identifier"/>
  <!-- Objects as "UUID@ObjectCode@ObjectExtensionCode@size@token" with a blank between. -->
  <xsl:param name="objects"/>

  <xsl:variable name="email" select="/d:Emessage/d:ClinicalEmail"/>

  <xsl:template match="/">
    <Emessage>
      <Envelope>
        <Sent>
          <Date row:id="CX-xbin-sent-date"><xsl:value-of select="d:Emessage/d:Envelope/d:Sent/d:Date"/></Date>
          <Time row:id="CX-xbin-sent-time"><xsl:value-of select="d:Emessage/d:Envelope/d:Sent/d:Time"/></Time>
        </Sent>
        <Identifier row:id="CX-xbin-envelope-identifier"><xsl:value-of select="$envelope-identifier"/></Identifier>
        <AcknowledgementCode row:id="CX-xbin-acknowledgement-code">pluspositivkvitt</AcknowledgementCode>
      </Envelope>
      <BinaryLetter>
        <Letter>
          <Identifier row:id="CX-xbin-letter-identifier"><xsl:value-of select="$letter-identifier"/></Identifier>
          <VersionCode row:id="CX-xbin-version-code">XB0131X</VersionCode>
          <StatisticalCode row:id="CX-xbin-statistical-code">XBIN01</StatisticalCode>
          <Authorisation>
            <Date row:id="CX-xbin-authorisation-date"><xsl:value-of select="$email/d:Letter/d:Authorisation/d:Date"/></Date>
            <Time row:id="CX-xbin-authorisation-time"><xsl:value-of select="$email/d:Letter/d:Authorisation/d:Time"/></Time>
          </Authorisation>
          <TypeCode row:id="CX-xbin-type-code">XBIN01</TypeCode>
          <StatusCode row:id="CX-xbin-status-code">nytbrev</StatusCode>
        </Letter>
        <xsl:apply-templates select="$email/d:Sender | $email/d:Receiver | $email/d:Patient"/>
        <xsl:for-each select="str:tokenize($objects, ' ')">
          <xsl:variable name="said" select="str:tokenize(., '@')"/>
          <BinaryObject>
            <ObjectIdentifier row:id="CX-xbin-object-identifier"><xsl:value-of select="$said[1]"/></ObjectIdentifier>
            <ObjectCode row:id="CX-xbin-object-code"><xsl:value-of select="$said[2]"/></ObjectCode>
            <ObjectExtensionCode row:id="CX-xbin-object-extension"><xsl:value-of select="$said[3]"/></ObjectExtensionCode>
            <OriginalObjectSize row:id="CX-xbin-object-size"><xsl:value-of select="$said[4]"/></OriginalObjectSize>
            <Object_Base64Encoded row:id="CX-attachment-data"><xsl:value-of select="$said[5]"/></Object_Base64Encoded>
          </BinaryObject>
        </xsl:for-each>
      </BinaryLetter>
    </Emessage>
  </xsl:template>

  <xsl:template match="d:Sender">
    <Sender>
      <EANIdentifier row:id="CX-xbin-sender-gln"><xsl:value-of select="d:EANIdentifier"/></EANIdentifier>
      <Identifier row:id="CX-xbin-sender-sor"><xsl:value-of select="d:Identifier"/></Identifier>
      <IdentifierCode row:id="CX-xbin-sender-identifier-code"><xsl:value-of select="d:IdentifierCode"/></IdentifierCode>
      <OrganisationName row:id="CX-xbin-sender-name"><xsl:value-of select="d:OrganisationName"/></OrganisationName>
      <xsl:if test="d:TelephoneSubscriberIdentifier" row:id="CX-xbin-author-contact">
        <TelephoneSubscriberIdentifier><xsl:value-of select="d:TelephoneSubscriberIdentifier"/></TelephoneSubscriberIdentifier>
      </xsl:if>
    </Sender>
  </xsl:template>

  <xsl:template match="d:Receiver">
    <Receiver>
      <EANIdentifier row:id="CX-xbin-receiver-gln"><xsl:value-of select="d:EANIdentifier"/></EANIdentifier>
      <Identifier row:id="CX-xbin-receiver-identifier"><xsl:value-of select="d:Identifier"/></Identifier>
      <IdentifierCode row:id="CX-xbin-receiver-identifier-code"><xsl:value-of select="d:IdentifierCode"/></IdentifierCode>
      <xsl:if test="d:OrganisationName" row:id="CX-xbin-receiver-name">
        <OrganisationName><xsl:value-of select="d:OrganisationName"/></OrganisationName>
      </xsl:if>
    </Receiver>
  </xsl:template>

  <xsl:template match="d:Patient">
    <Patient>
      <xsl:if test="d:CivilRegistrationNumber" row:id="CX-xbin-patient-cpr">
        <CivilRegistrationNumber><xsl:value-of select="d:CivilRegistrationNumber"/></CivilRegistrationNumber>
      </xsl:if>
      <xsl:if test="d:AlternativeIdentifier" row:id="CX-xbin-patient-alternative">
        <AlternativeIdentifier><xsl:value-of select="d:AlternativeIdentifier"/></AlternativeIdentifier>
      </xsl:if>
      <PersonSurnameName row:id="CX-xbin-patient-surname"><xsl:value-of select="d:PersonSurnameName"/></PersonSurnameName>
      <xsl:if test="d:PersonGivenName" row:id="CX-xbin-patient-given">
        <PersonGivenName><xsl:value-of select="d:PersonGivenName"/></PersonGivenName>
      </xsl:if>
    </Patient>
  </xsl:template>
</xsl:stylesheet>
